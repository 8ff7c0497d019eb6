# The program, what it says about its build, and the CUDA plug-in where CUDA is.
