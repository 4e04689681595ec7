package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells a size that depends on data: the symbol is the value of the operand, an `i64[]`, moved
/// into `0 .. bound`. It has no result; nodes after it, in its region and in regions inside, may
/// have `symbol` in their types and attributes like any other size.
///
/// The name of such a symbol begins with `?`, so that nobody takes it to be at least 1: it may be
/// 0. Memory is planned at the bound.
///
/// @param symbol the name, such as `?count`
/// @param bound the most that it can be, over sizes known before
public record RuntimeSize(String symbol, Dim bound) implements Op {
  /// How the names of such sizes begin, and no others do.
  public static final String PREFIX = "?";

  /// Whether a size of this name is told by data.
  public static boolean isName(String symbol) {
    return symbol.startsWith(PREFIX);
  }

  /// Whether `dim` depends on a size that data tells.
  public static boolean isIn(Dim dim) {
    return dim.symbols().stream().anyMatch(RuntimeSize::isName);
  }

  @Override
  public String mnemonic() {
    return "runtime_size";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    if (!operands.getFirst().equals(TensorType.of(DType.I64, new long[0]))) {
      throw new OpException("a size is an i64[], not " + operands.getFirst());
    }
    if (!isName(symbol)) {
      throw new OpException("the name of a size that data tells begins with ?, not " + symbol);
    }
    return List.of();
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new IllegalStateException("nothing depends on a size by its value");
  }
}
