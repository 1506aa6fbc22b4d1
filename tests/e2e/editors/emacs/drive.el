;;; drive.el --- Runs one scenario in a real Emacs  -*- lexical-binding: t -*-
;; `SCENARIO' names its file, `REPORT' the file that it tells its results to.  All waits are for conditions.

(require 'eglot)
(require 'json)

(defconst soa-patience 30 "Seconds after which something that is waited for does not come.")
(defvar soa-told nil "What the scenario tells the test.")
(setq eglot-confirm-server-initiated-edits nil
      enable-local-variables nil
      create-lockfiles nil
      make-backup-files nil)

(defvar soa-news nil "Whether the server has told that something changed.")
(cl-defmethod eglot-handle-notification :after (_server (_method (eql textDocument/publishDiagnostics)) &rest _)
  "Hear that something stands otherwise."
  (setq soa-news t))

(defun soa-tell (name value)
  "Tell the test that NAME is VALUE."
  (push (cons name value) soa-told))

(defun soa-wait (what condition)
  "Wait for WHAT: until CONDITION gives a value; give it."
  (let ((end (+ (float-time) soa-patience)) value)
    (while (not (setq value (funcall condition)))
      (when (> (float-time) end) (error "Waited in vain for %s; actions: %S" what (soa-actions)))
      (accept-process-output nil 0.02))
    value))

(defun soa-open (file)
  "Open FILE as a user does, and connect."
  (find-file file)
  (unless (eglot-current-server)
    (apply #'eglot (eglot--guess-contact)))
  (soa-wait "the server" #'eglot-managed-p)
  (soa-actions))

(defun soa-go (text)
  "Go to TEXT."
  (goto-char (point-min))
  (search-forward text))

(defun soa-hover ()
  "What the editor shows at point."
  (let (shown)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq shown (or text ""))))
    (substring-no-properties (soa-wait "the hover" (lambda () shown)))))

(defun soa-lenses ()
  "Titles of the lenses, which this editor can ask for, but does not show."
  (mapcar (lambda (lens) (plist-get (plist-get lens :command) :title))
          (jsonrpc-request (eglot--current-server-or-lose) :textDocument/codeLens
                           (list :textDocument (eglot--TextDocumentIdentifier)))))

(defun soa-actions ()
  "Titles of the code actions at point."
  (mapcar (lambda (action) (plist-get action :title)) (eglot-code-actions (point) (point))))

(defun soa-see-action (pattern)
  "Wait until a code action at point matches PATTERN; its title.  Asks again at each news."
  (setq soa-news t)
  (soa-wait (format "an action like %s" pattern)
            (lambda ()
              (when soa-news
                (setq soa-news nil)
                (seq-find (lambda (title) (string-match-p pattern title)) (soa-actions))))))

(defun soa-act (pattern)
  "Choose the code action that matches PATTERN from the editor's own menu."
  (let* ((last-nonmenu-event 'a-key)
         (completing-read-function
          (lambda (_prompt choices &rest _)
            (seq-find (lambda (title) (string-match-p pattern title)) (mapcar #'car choices)))))
    (soa-see-action pattern)
    (eglot-code-actions (point) (point) nil t)))

(defun soa-text ()
  "The buffer's text."
  (buffer-substring-no-properties (point-min) (point-max)))

(defun soa-leave ()
  "End the server."
  (eglot-shutdown (eglot-current-server)))

(let ((debug-on-error nil))
  (condition-case problem
      (progn
        (load (getenv "SCENARIO") nil t t)
        (with-temp-file (getenv "REPORT") (insert (json-encode (or soa-told (make-hash-table))))))
    (error
     (message "FAILED: %S" problem)
     (dolist (buffer (buffer-list))
       (when (string-match-p "EGLOT.*\\(stderr\\|events\\)" (buffer-name buffer))
         (message "--- %s\n%s" buffer (with-current-buffer buffer (soa-text)))))
     (kill-emacs 1))))
(kill-emacs 0)
