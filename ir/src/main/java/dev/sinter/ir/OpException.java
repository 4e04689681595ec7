package dev.sinter.ir;

/// Operands that do not fit an op; the message is a sentence for the person who wrote the model.
public final class OpException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// An exception with its sentence.
  public OpException(String message) {
    super(message);
  }
}
