package dev.sinter.dsl.write;

import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Transpose;

/// What a result is called for which the model has no name.
final class Words {
  private Words() {}

  /// A word for what `node` does; never a word of the language alone, since a number follows it.
  static String of(Node node) {
    Op op = node.op();
    return switch (op) {
      case Contract contract -> "product";
      case Comprehension comprehension -> "each";
      case ConvInput conv -> "conv";
      case Transpose transpose -> "turned";
      case Pool pool -> "pooled";
      case Reduce reduce -> ElemText.reducer(reduce.reducer());
      case Pointwise row -> row.mnemonic();
      default -> op.mnemonic();
    };
  }
}
