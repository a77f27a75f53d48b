"""Blocks of networks that read a sequence: cells, recurrent layers, the CRF."""
