-- A save has new contracts implemented in the background; a second file, the same server.
local user = ...

user.see_lens('def total', '^Implement')
user.save()
user.type_over('doubled', 'times RATE')
user.save()
user.tell('first', user.see_lens('def total', 'Accept'))
user.click_lens('def total', 'Accept')
user.wait('the body', function() return user.text():find('return sum', 1, true) end)
user.save()

vim.cmd('edit words.py')
user.click_lens('def initials', '^Implement')
user.tell('second', user.see_lens('def initials', 'Accept'))
user.act('def initials', '^Accept')
user.wait('the body', function() return user.text():find('return "".join', 1, true) end)
user.save()
user.tell('servers', #vim.lsp.get_clients({ name = 'soa' }))
user.leave()
