"""Files to pictures: what lies in a folder, how a file becomes grey on white, the pages of documents."""
