"""Who works in the office: users, their roles, and the rule of four eyes."""
