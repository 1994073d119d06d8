"""The authorization server: SMART App Launch 2.2 on Authlib's grants, joserfc for keys."""
