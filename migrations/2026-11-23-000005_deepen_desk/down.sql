DROP TABLE previews, bylines, live_corrections, corrections;
