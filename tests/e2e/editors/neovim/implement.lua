-- A run, and then the user quits.
local user = ...

user.click_lens('def total', '^Implement')
user.see_lens('def total', 'Accept')
