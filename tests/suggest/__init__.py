"""Tests of suggesting scans."""
