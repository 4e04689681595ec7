package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;

/// A number while the elements of index notation are worked out: an index or size, a float, or an
/// element.
sealed interface Item {
  record Whole(Dim dim) implements Item {}

  record Real(double value) implements Item {}

  record Element(Elem elem) implements Item {}

  /// Whether it is a size or index that the text does not tell.
  default boolean isSymbolic() {
    return this instanceof Whole(Dim dim) && !dim.isConstant();
  }

  /// The number outside of index notation.
  default Datum datum() {
    return switch (this) {
      case Whole(Dim dim) -> new Datum.Size(dim);
      case Real(double value) -> new Datum.Real(value);
      case Element element -> throw new IllegalArgumentException("an element");
    };
  }
}
