"""What the cleaner is trained on: signatures read or drawn, printed noise, pools of both, pairs picked from them."""
