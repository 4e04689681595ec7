package dev.sinter.ir;

import java.util.List;

/// Operands that do not fit an op; the message is a sentence for the person who wrote the model.
public final class OpException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// An exception with its sentence.
  public OpException(String message) {
    super(message);
  }

  /// Refuses a number of operands other than `least` to `most`.
  public static void checkCount(Op op, List<TensorType> operands, int least, int most) {
    if (operands.size() < least || operands.size() > most) {
      throw new OpException(
          op.mnemonic()
              + " takes "
              + (least == most ? least : least + " to " + most)
              + " operands, not "
              + operands.size());
    }
  }

  /// Refuses an axis that a tensor of type `x` does not have.
  public static void checkAxis(Op op, TensorType x, int axis) {
    if (axis < 0 || axis >= x.rank()) {
      throw new OpException(op.mnemonic() + " along axis " + axis + " of " + x);
    }
  }
}
