// A program that imports ConvNet can name tensors, sizes and options.
@_exported import Im2col
