"""How is a run kept, a record written, shown and proved: folders, evidence zips, Markdown, verification?"""
