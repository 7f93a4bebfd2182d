"""Kinelog's own controls: real Qt controls that paint themselves from the theme."""
