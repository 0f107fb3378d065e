/// The layers of `bench layers` without `--shapes`: one of each kind, in the format of a shapes file.
enum BuiltInShapes {
  static let json = """
    [
    {"name": "lenet1", "batch": 128, "height": 28, "width": 28, "kernel": [5, 5], "padding": [2, 2], "in": 1, "out": 6, "first": true},
    {"name": "lenet2", "batch": 128, "height": 14, "width": 14, "kernel": [5, 5], "in": 6, "out": 16},
    {"name": "alexnet1", "batch": 8, "height": 227, "width": 227, "kernel": [11, 11], "stride": [4, 4], "in": 3, "out": 96, "first": true},
    {"name": "vgg3_2", "batch": 2, "height": 56, "width": 56, "kernel": [3, 3], "padding": [1, 1], "in": 256, "out": 256},
    {"name": "resnet2_1x1", "batch": 4, "height": 56, "width": 56, "kernel": [1, 1], "in": 64, "out": 256},
    {"name": "resnet4_3x3", "batch": 4, "height": 14, "width": 14, "kernel": [3, 3], "padding": [1, 1], "in": 256, "out": 256},
    {"name": "inception_1x7", "batch": 4, "height": 17, "width": 17, "kernel": [1, 7], "padding": [0, 3], "in": 128, "out": 128},
    {"name": "mobilenet_dw", "batch": 4, "height": 56, "width": 56, "kernel": [3, 3], "padding": [1, 1], "groups": 128, "in": 128, "out": 128},
    {"name": "dilated", "batch": 2, "height": 33, "width": 33, "kernel": [3, 3], "dilation": [2, 2], "padding": [2, 2], "in": 64, "out": 64}
    ]
    """
}
