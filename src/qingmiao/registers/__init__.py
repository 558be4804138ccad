"""Registers, pure: an entry judged by its register, its unique key, what expires, what there is too little of, what may
be the same; the flow that its states follow. No database, no clock."""
