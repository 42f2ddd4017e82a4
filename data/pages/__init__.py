"""What the detector is trained on: records of pages, pools of them at training size, augmentation, anchor targets."""
