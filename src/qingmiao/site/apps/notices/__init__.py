"""Notices to people: what concerns one, read or unread, with a way to it; and the gateway that takes them outside."""
