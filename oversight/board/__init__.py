"""What one person keeps an eye on: the picture, kept views, watched promises, the news of the week."""
