package dev.sinter.runtime;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Where each `ARENA` buffer of a plan lies, and each `SCRATCH` buffer of each thread: a pure
/// function of plan, sizes and threads, run by the compiler where all dims are constant and by the
/// session where they are not.
///
/// Buffers that share memory are placed as one, over all their steps. Two that live in a common
/// step never overlap. The largest is placed first, each in the lowest gap that holds it (greedy by
/// size: Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
public final class Placement {
  /// The bytes after each buffer that nobody else uses, so that a kernel may run a vector over its
  /// end.
  public static final long SLACK = 64;

  private final long[] offsets;
  private final long[] strides;
  private final long bytes;

  private Placement(long[] offsets, long[] strides, long bytes) {
    this.offsets = offsets;
    this.strides = strides;
    this.bytes = bytes;
  }

  /// Places the buffers of a plan for one thread, given the bytes of each.
  ///
  /// @throws ShapeException when a size is negative or the whole is larger than [Shapes#MAX_BYTES]
  public static Placement place(BufferPlan plan, long[] sizes) {
    return place(plan, sizes, 1);
  }

  /// Places the buffers of a plan, given the bytes of each, those of a `SCRATCH` buffer for one of
  /// `threads` threads.
  ///
  /// @throws ShapeException when a size is negative or the whole is larger than [Shapes#MAX_BYTES]
  public static Placement place(BufferPlan plan, long[] sizes, int threads) {
    List<BufferPlan.Buffer> buffers = plan.buffers();
    int count = buffers.size();
    int[] root = new int[count];
    int[] first = new int[count];
    int[] last = new int[count];
    long[] room = new long[count];
    for (int i = 0; i < count; i++) {
      BufferPlan.Buffer buffer = buffers.get(i);
      root[i] = buffer.sharing() == i ? i : root[buffer.sharing()];
      int r = root[i];
      first[r] = r == i ? buffer.first() : Math.min(first[r], buffer.first());
      last[r] = r == i ? buffer.last() : Math.max(last[r], buffer.last());
      if (isPlaced(buffer)) {
        room[r] = Math.max(room[r], rounded(sizes[i], buffer.name()));
      }
    }
    long[] strides = new long[count];
    for (int i = 0; i < count; i++) {
      if (buffers.get(i).storage() == Storage.SCRATCH) {
        strides[i] = room[root[i]];
      }
    }
    for (int i = 0; i < count; i++) {
      if (root[i] == i && strides[i] > 0) {
        room[i] = Math.multiplyExact(room[i], (long) threads);
      }
    }
    Integer[] order = new Integer[count];
    int groups = 0;
    for (int i = 0; i < count; i++) {
      if (root[i] == i && isPlaced(buffers.get(i))) {
        order[groups++] = i;
      }
    }
    Arrays.sort(order, 0, groups, Comparator.<Integer>comparingLong(i -> -room[i]));
    return assign(order, groups, root, first, last, room, strides);
  }

  private static boolean isPlaced(BufferPlan.Buffer buffer) {
    return switch (buffer.storage()) {
      case ARENA, SCRATCH -> true;
      case WEIGHTS, STATE -> false;
    };
  }

  /// The byte offset of a buffer in the arena; 0 for one that does not lie there.
  public long offset(int buffer) {
    return offsets[buffer];
  }

  /// The bytes from a buffer of one thread to that of the next; 0 where all threads have one.
  public long stride(int buffer) {
    return strides[buffer];
  }

  /// The bytes that the arena needs.
  public long bytes() {
    return bytes;
  }

  /// A line for each buffer in the arena: offset, bytes to its end and slack, steps, name.
  public String text(BufferPlan plan, long[] sizes) {
    StringBuilder text = new StringBuilder("arena %d bytes\n".formatted(bytes));
    for (int i = 0; i < offsets.length; i++) {
      BufferPlan.Buffer buffer = plan.buffers().get(i);
      if (isPlaced(buffer)) {
        text.append(
            "  %d +%d steps %d..%d %s\n"
                .formatted(
                    offsets[i],
                    sizes[i],
                    buffer.first(),
                    buffer.last(),
                    Words.quote(buffer.name())));
      }
    }
    return text.toString();
  }

  private static Placement assign(
      Integer[] order,
      int groups,
      int[] root,
      int[] first,
      int[] last,
      long[] room,
      long[] strides) {
    long[] offsets = new long[root.length];
    // What is placed already, by offset.
    int[] placed = new int[groups];
    long bytes = 0;
    for (int g = 0; g < groups; g++) {
      int group = order[g];
      long offset = 0;
      for (int p = 0; p < g; p++) {
        int other = placed[p];
        boolean together = first[group] <= last[other] && first[other] <= last[group];
        if (together) {
          if (offset + room[group] <= offsets[other]) {
            break;
          }
          offset = Math.max(offset, offsets[other] + room[other]);
        }
      }
      offsets[group] = offset;
      bytes = Math.max(bytes, offset + room[group]);
      int slot = g;
      while (slot > 0 && offsets[placed[slot - 1]] > offset) {
        placed[slot] = placed[slot - 1];
        slot--;
      }
      placed[slot] = group;
    }
    if (bytes > Shapes.MAX_BYTES) {
      throw new ShapeException("the arena would take %d bytes".formatted(bytes));
    }
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = offsets[root[i]];
    }
    return new Placement(offsets, strides, bytes);
  }

  private static long rounded(long size, String name) {
    if (size < 0 || size > Shapes.MAX_BYTES) {
      throw new ShapeException("buffer %s would take %d bytes".formatted(name, size));
    }
    return Math.ceilDiv(size + SLACK, (long) Tensor.ALIGNMENT) * Tensor.ALIGNMENT;
  }
}
