package dev.sinter.passes.tuning;

import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.stream.Collectors;

/// What decides which [ProductTile] is fastest: a product's sizes and how its operands lie, on one
/// tier. A convolution is a product too: its rows are places of the picture, its depth the window's
/// rows times a run of columns and channels.
///
/// A number that is not known when a model is compiled is [#OPEN].
///
/// @param tier the tier
/// @param dtype the type of the products that are summed
/// @param rows the indices that share what is read of the right operand; 1 if there is no such axis
/// @param columns the indices along the lanes
/// @param depth the indices that are summed over, the axes outermost first
/// @param times how many such products there are
/// @param leftStep the elements from one row of the left operand to the next
/// @param rightStep the elements from one index of the innermost sum to the next in the right
///   operand, or [#PANELS], [#PAIRS] or [#FOURS]
public record ProductShape(
    CpuTier tier,
    DType dtype,
    long rows,
    long columns,
    List<Long> depth,
    long times,
    long leftStep,
    long rightStep) {
  /// A number that is only known when the model runs.
  public static final long OPEN = -1;

  /// The step within panels as wide as a vector, whatever its width is.
  public static final long PANELS = -2;

  /// The same where two vectors of narrow elements lie in one of integers.
  public static final long PAIRS = -3;

  /// The same where four vectors do.
  public static final long FOURS = -4;

  public ProductShape {
    depth = List.copyOf(depth);
  }

  /// A number as in a table.
  static String text(long number) {
    return number == OPEN ? "*" : Long.toString(number);
  }

  /// As in a table: `product 16 f32 rows 480 columns 384 depth 256 times 1 left 256 right panels`.
  @Override
  public String toString() {
    return "product %s %s rows %s columns %s depth %s times %s left %s right %s"
        .formatted(
            tier.text(),
            dtype,
            text(rows),
            text(columns),
            depth.stream().map(ProductShape::text).collect(Collectors.joining("x")),
            text(times),
            text(leftStep),
            right());
  }

  private String right() {
    if (rightStep == PANELS) {
      return "panels";
    }
    if (rightStep == PAIRS) {
      return "pairs";
    }
    return rightStep == FOURS ? "fours" : text(rightStep);
  }

  /// How many vectors of the right operand lie in one of integers.
  public int together() {
    return rightStep == PAIRS ? 2 : rightStep == FOURS ? 4 : 1;
  }
}
