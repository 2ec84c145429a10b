DROP TABLE demo_loads;
