"""The pipeline of richcheap: one module for each DVC stage, libraries below them."""
