-- A save has a new contract implemented, and what is verified appears in the buffer; the user types on meanwhile.
local user = ...

user.see_lens('def total', '^Implement')
user.type_over('doubled', 'times RATE')
user.save()
user.see_lens('def total', 'Cancel')
user.type_above('# typed while the run goes on')
user.wait('the body', function() return user.text():find('return sum', 1, true) end)
user.save()
user.leave()
