"""Mothers' files (孕产妇档案): women from the check before marriage to the visits after birth."""
