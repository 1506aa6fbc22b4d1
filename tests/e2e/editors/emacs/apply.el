;;; apply.el --- A save has a contract implemented while the user types on  -*- lexical-binding: t -*-
;; What is typed just before an edit arrives makes Emacs refuse it.  The server tries again if it hears of the typing in
;; time; else the next save puts the proposal in.

(defvar soa-late t)
(cl-defmethod eglot-handle-request :before (_server (_method (eql workspace/applyEdit)) &rest _)
  "Type before the first edit arrives."
  (when soa-late
    (setq soa-late nil)
    (with-current-buffer "amounts.py"
      (goto-char (point-min))
      (insert "# typed while the run goes on\n"))))

(setq-default eglot-workspace-configuration '((:soa . (:onSave "apply"))))
(soa-open "amounts.py")
(soa-go "doubled")
(replace-match "times RATE")
(save-buffer)
(soa-go "def total")
(defun soa-there ()
  "Whether the body is in the buffer."
  (string-match-p "return sum" (soa-text)))
(soa-wait "the proposal"
          (lambda ()
            (soa-go "def total")
            (or (soa-there) (seq-find (lambda (title) (string-match-p "^Accept" title)) (soa-actions)))))
(save-buffer)
(soa-wait "the body" #'soa-there)
(save-buffer)
(soa-leave)
