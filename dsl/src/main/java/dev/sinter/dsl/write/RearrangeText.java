package dev.sinter.dsl.write;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.List;

/// Axes that are split, ordered anew, and joined.
///
/// @param parts how many axes each axis of the operand is split into
/// @param sizes the sizes of these parts
/// @param permutation the order of the parts
/// @param joined how many of them each axis of the result joins
record RearrangeText(
    List<Integer> parts, List<Dim> sizes, List<Integer> permutation, List<Integer> joined) {
  /// Whether each size of `whole` is the product of as many of `split` as `counts` then tells.
  static boolean groups(List<Dim> whole, List<Dim> split, List<Integer> counts) {
    int next = 0;
    for (Dim size : whole) {
      Dim product = Dim.ONE;
      int count = 0;
      do {
        if (next == split.size()) {
          return false;
        }
        product = product.times(split.get(next++));
        count++;
      } while (!product.equals(size));
      counts.add(count);
    }
    return next == split.size();
  }

  Piece piece(Value x, BodyWriter body) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      axes.add(i);
    }
    StringBuilder given = new StringBuilder();
    int next = 0;
    for (int count : parts) {
      // The last of a group follows from the whole.
      for (int i = next; i < next + count - 1; i++) {
        given
            .append(", ")
            .append(CallText.letters(List.of(i)))
            .append(" = ")
            .append(body.writing().sizes().piece(sizes.get(i)).text());
      }
      next += count;
    }
    return Piece.of(
        "rearrange{%s -> %s}(%s%s)"
            .formatted(
                grouped(axes, parts),
                grouped(permutation, joined),
                body.text(x, Piece.ANY),
                given));
  }

  private static String grouped(List<Integer> axes, List<Integer> counts) {
    List<String> out = new ArrayList<>();
    int next = 0;
    for (int count : counts) {
      String letters = CallText.letters(axes.subList(next, next + count));
      out.add(count == 1 ? letters : "(" + letters + ")");
      next += count;
    }
    return String.join(" ", out);
  }
}
