package dev.sinter.ir.kernel;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the text that [TileKernelPrinter] writes.
public final class TileKernelParser {
  private final List<TileKernel.Buffer> buffers = new ArrayList<>();
  private final List<Axis> axes = new ArrayList<>();
  private final List<Definition> body = new ArrayList<>();
  private final List<TileKernel.Store> stores = new ArrayList<>();
  private String name = "";

  private TileKernelParser() {}

  /// The kernel of this text.
  ///
  /// @throws IllegalArgumentException naming the line that is none
  public static TileKernel parse(String text) {
    TileKernelParser parser = new TileKernelParser();
    for (String line : text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      try {
        parser.line(line);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("no line of a kernel: " + line, e);
      }
    }
    return new TileKernel(parser.name, parser.buffers, parser.axes, parser.body, parser.stores);
  }

  private void line(String line) {
    if (line.equals("}")) {
      return;
    }
    String first = line.substring(0, line.indexOf(' '));
    String rest = line.substring(first.length() + 1);
    switch (first) {
      case "kernel" -> name = rest.substring(0, rest.lastIndexOf(" {"));
      case "buffer" -> buffers.add(buffer(rest));
      case "axis" -> {
        int less = rest.indexOf(" < ");
        axes.add(new Axis(rest.substring(0, less), DimParser.parse(rest.substring(less + 3))));
      }
      case "store" -> stores.add(store(rest));
      default -> body.add(definition(rest.substring(rest.indexOf("= ") + 2)));
    }
  }

  /// `0 x f32[N, 4] layout [1, 0]`; the name may have blanks.
  private static TileKernel.Buffer buffer(String text) {
    int layout = text.indexOf(" layout ");
    String declared = layout < 0 ? text : text.substring(0, layout);
    int open = declared.lastIndexOf('[');
    int type = declared.lastIndexOf(' ', open);
    List<Dim> shape = dims(declared.substring(open));
    Layout where = layout < 0 ? Layout.rowMajor(shape.size()) : layout(text.substring(layout + 8));
    return new TileKernel.Buffer(
        declared.substring(declared.indexOf(' ') + 1, type),
        new TensorType(dtype(declared.substring(type + 1, open)), shape),
        where);
  }

  private static Layout layout(String text) {
    if (text.startsWith("[")) {
      return new Layout.Dense(integers(text));
    }
    if (text.startsWith("interleaved ")) {
      // interleaved AXIS by VECTORS in [INNER]
      int by = text.indexOf(" by ");
      int inner = text.indexOf(" in ");
      return new Layout.Interleaved(
          Integer.parseInt(text.substring("interleaved ".length(), by)),
          Integer.parseInt(text.substring(by + " by ".length(), inner)),
          integers(text.substring(inner + " in ".length())));
    }
    // panels AXIS of WIDTH in [BATCH] [INNER]
    int of = text.indexOf(" of ");
    int in = text.indexOf(" in [");
    int between = text.indexOf("] [", in);
    return new Layout.Panels(
        Integer.parseInt(text.substring("panels ".length(), of)),
        DimParser.parse(text.substring(of + 4, in)),
        integers(text.substring(in + 4, between + 1)),
        integers(text.substring(between + 2)));
  }

  /// `2[%0, %1] = 5 join sum`
  private static TileKernel.Store store(String text) {
    int open = text.indexOf('[');
    int equals = text.indexOf("] = ");
    String[] value = text.substring(equals + 4).split(" join ", -1);
    return new TileKernel.Store(
        Integer.parseInt(text.substring(0, open)),
        at(text.substring(open, equals + 1)),
        Integer.parseInt(value[0]),
        value.length > 1 ? Optional.of(reducer(value[1])) : Optional.empty());
  }

  private static Definition definition(String text) {
    String first = text.substring(0, text.indexOf(' '));
    String rest = text.substring(first.length() + 1);
    return switch (first) {
      case "load" -> {
        int open = rest.indexOf('[');
        int close = rest.lastIndexOf(']');
        String guard = rest.substring(close + 1);
        yield new Definition.Load(
            Integer.parseInt(rest.substring(0, open)),
            at(rest.substring(open, close + 1)),
            guard.isEmpty()
                ? Optional.empty()
                : Optional.of(Integer.valueOf(guard.substring(" if ".length()))));
      }
      case "constant" -> new Definition.Constant(literal(rest));
      case "index" -> {
        int open = rest.indexOf(" {");
        yield new Definition.IndexValue(
            dtype(rest.substring(0, open)),
            DimParser.parse(rest.substring(open + 2, rest.length() - 1)));
      }
      case "cast" -> {
        int blank = rest.indexOf(' ');
        yield new Definition.Cast(
            dtype(rest.substring(0, blank)), Integer.parseInt(rest.substring(blank + 1)));
      }
      case "reduce" -> {
        int open = rest.indexOf('[');
        int close = rest.indexOf(']');
        String[] head = rest.substring(0, open).split(" ", -1);
        yield new Definition.Reduce(
            reducer(head[0]),
            dtype(head[1]),
            split(rest.substring(open, close + 1)),
            Integer.parseInt(rest.substring(close + 2)));
      }
      default ->
          new Definition.Apply(
              ScalarFn.valueOf(first.toUpperCase(Locale.ROOT)), integers("[" + rest + "]"));
    };
  }

  private static Elem.Literal literal(String text) {
    int open = text.indexOf('(');
    DType dtype = dtype(text.substring(0, open));
    String number = text.substring(open + 1, text.length() - 1);
    return dtype.isFloat()
        ? new Elem.Literal(dtype, Double.parseDouble(number), 0)
        : (Elem.Literal) Elem.literal(dtype, Long.parseLong(number));
  }

  private static List<TileIndex> at(String text) {
    List<TileIndex> out = new ArrayList<>();
    for (String part : split(text)) {
      out.add(
          part.matches("\\(\\d+\\)")
              ? new TileIndex.Computed(Integer.parseInt(part.substring(1, part.length() - 1)))
              : new TileIndex.At(DimParser.parse(part)));
    }
    return out;
  }

  private static List<Dim> dims(String text) {
    return split(text).stream().map(DimParser::parse).toList();
  }

  private static List<Integer> integers(String text) {
    return split(text).stream().map(Integer::valueOf).toList();
  }

  /// The parts of `[a, f(b, c)]` between commas that are in no inner brackets.
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 1;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean end = i == text.length() - 1;
      if ((c == ',' && depth == 0) || end) {
        String part = text.substring(begin, i).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        begin = i + 1;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return parts;
  }

  private static DType dtype(String text) {
    return DType.parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  private static Reducer reducer(String text) {
    return Reducer.valueOf(text.toUpperCase(Locale.ROOT));
  }
}
