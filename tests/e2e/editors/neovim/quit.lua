-- The user quits while a run goes on.
local user = ...

user.click_lens('def total', '^Implement')
user.see_lens('def total', '0/1 agents')
