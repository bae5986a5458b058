"""An embedded exchange that speaks the TWS wire protocol: the default, the demo and the test bench."""
