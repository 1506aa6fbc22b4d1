-- A slow run, ended by the lens; another one, ended by withdrawing the request.
local user = ...

user.click_lens('def total', '^Implement')
user.tell('running', user.see_lens('def total', 'Cancel'))
user.click_lens('def total', 'Cancel')
user.tell('by_lens', user.see_lens('def total', '^Implement'))

-- Neovim tells nobody about the answer to a request that it has withdrawn: the record of the messages has it.
local command = { command = 'soa.implement', arguments = { { uri = vim.uri_from_bufnr(0), name = 'total' } } }
local _, request = user.client():request('workspace/executeCommand', command)
user.see_lens('def total', 'Cancel')
user.client():cancel_request(request)
user.tell('withdrawn', request)
user.tell('by_request', user.see_lens('def total', '^Implement'))
user.leave()
