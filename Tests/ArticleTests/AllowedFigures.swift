/// Figures in the text that this package does not measure, each with the reason why it may stand there.
enum AllowedFigures {
  static let all: [(reason: String, figures: [String])] = [
    (
      "AlexNet paper (Krizhevsky et al. 2012): errors, and by how much each technique lowers them",
      [
        "0.3%", "25%", "1.7%", "1.2%", "1.4%", "0.4%", "1%", "18.2%", "16.4%", "15.3%", "26.2%", "67.4%",
        "40.9%",
        "78.1%", "60.9%", "2%",
      ]
    ),
    ("AlexNet's first layer: the number of windows in 224 and in 227 pixels", ["54.25 times", "55 times"]),
    ("AlexNet: the fraction of the parameters in conv3, by count", ["1.45%"]),
    ("LeNet-5: the number of units of a dense layer", ["84 times"]),
    ("the factor 2^10 in the article on initialization", ["1024 times"]),
    ("sqrt(1 - 0.999), the ratio of two epsilons in the first update of Adam", ["0.0316 times"]),
    ("the number of kills in Tests/Scripts/kill-and-resume.sh", ["30 times"]),
    ("the size of a statically linked mnist, as ls prints it", ["66 MB"]),
    ("LeNet-5 paper (LeCun et al. 1998): test errors", ["0.95%", "0.8%"]),
    ("a softmax worked by hand in the article on training", ["66.5%"]),
    ("the thresholds at which the experiment with ReLU and tanh counts batches", ["15%", "10%"]),
    ("the size of a column matrix, computed from its shape", ["7.7 MB"]),
    ("the rate of sgemm itself, in percent of sgemm", ["100%"]),
    ("the contract on accuracy: the fraction of outputs within the bound", ["99.99%"]),
    ("the bytes that bench allows a training step beyond what it counts", ["150 MB"]),
  ]
}
