package dev.sinter.onnx.export;

import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A tensor of the file that stands for one with larger sizes: along axes where that one only
/// repeats it has size 1, and where it repeats along all it may be a scalar.
///
/// @param name what the file calls it
/// @param dtype the type of its elements there
/// @param rank how many axes it has: as many as what it stands for, or none
/// @param axes the axes along which it has that one's sizes, ascending
record Grid(String name, DType dtype, int rank, List<Integer> axes) {
  Grid {
    axes = List.copyOf(axes);
  }

  /// A number that repeats along all axes.
  static Grid scalar(String name, DType dtype) {
    return new Grid(name, dtype, 0, List.of());
  }

  /// Whether it has the size along `axis` of what it stands for.
  boolean varies(int axis) {
    return axes.contains(axis);
  }

  boolean isScalar() {
    return rank == 0;
  }

  Grid as(String other, DType type) {
    return new Grid(other, type, rank, axes);
  }

  /// What a function of the elements of `args` at one place gives.
  static Grid joined(String name, DType dtype, Grid... args) {
    SortedSet<Integer> axes = new TreeSet<>();
    int rank = 0;
    for (Grid arg : args) {
      axes.addAll(arg.axes);
      rank = Math.max(rank, arg.rank);
    }
    return new Grid(name, dtype, rank, List.copyOf(axes));
  }

  static List<String> names(Grid... grids) {
    return Arrays.stream(grids).map(Grid::name).toList();
  }
}
