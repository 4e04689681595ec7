package dev.sinter.passes.tuning;

/// How a convolution by windows of 3x3 places is done.
public enum ConvolutionWay {
  /// As a sum over the window.
  DIRECT("direct", 1),
  /// By Winograd's transforms, 2x2 results at a time: `F(2x2, 3x3)`.
  WINOGRAD_2("winograd 2", 2),
  /// By Winograd's transforms, 4x4 results at a time: `F(4x4, 3x3)`.
  WINOGRAD_4("winograd 4", 4);

  private final String text;
  private final int square;

  ConvolutionWay(String text, int square) {
    this.text = text;
    this.square = square;
  }

  /// The results along each axis that are made at a time.
  public int square() {
    return square;
  }

  /// As in a table.
  @Override
  public String toString() {
    return text;
  }
}
