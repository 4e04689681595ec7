package dev.sinter.passes;

import dev.sinter.ir.Dim;
import java.util.List;

/// How a kernel reads a value that was made before it.
sealed interface Source {
  /// Element `at` of the value is element `prefix + at` of a buffer.
  ///
  /// @param buffer its number in the program
  /// @param prefix the leading indices: the turn, for a slice of what a loop walks or emits
  record Place(int buffer, List<Dim> prefix) implements Source {
    public Place {
      prefix = List.copyOf(prefix);
    }

    /// The place of the slice number `turn` along the first axis.
    Place slice(Dim turn) {
      List<Dim> longer = new java.util.ArrayList<>(prefix);
      longer.add(turn);
      return new Place(buffer, longer);
    }
  }

  /// The value is the turn of a loop, an `i32[]`.
  record Turn(Dim symbol) implements Source {}
}
