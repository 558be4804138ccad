"""What only a demonstration site has: made-up people and what they have done, so that every page has something to show.

Above the apps, whose doors it uses; no app and no page knows it. What it makes says that it is a demonstration (演示).
"""
