"""The detector's training data: records of pages, pools of pages at training size, augmentation, anchor targets."""
