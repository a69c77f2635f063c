"""Parts of the reference pages, each made from what the program itself reads."""
