package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the text that [LoopKernelPrinter] writes.
public final class LoopKernelParser {
  private final List<String> lines;
  private int next;
  private String line = "";
  private int at;

  private LoopKernelParser(String text) {
    this.lines = text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
  }

  /// The kernel that `text` is.
  ///
  /// @throws IllegalArgumentException naming the line that is not as the printer writes it
  public static LoopKernel parse(String text) {
    LoopKernelParser parser = new LoopKernelParser(text);
    try {
      return parser.kernel();
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | DimParser.DimSyntaxException fault) {
      throw new IllegalArgumentException(
          "line %d of a loop kernel, `%s`: %s"
              .formatted(parser.next, parser.line, fault.getMessage()),
          fault);
    }
  }

  private LoopKernel kernel() {
    advance();
    expect("loops ");
    String name = line.substring(at, line.lastIndexOf(" {"));
    List<LoopKernel.Buffer> buffers = new ArrayList<>();
    List<String> sizes = new ArrayList<>();
    List<Function> functions = new ArrayList<>();
    while (!advance().equals("}")) {
      if (accept("buffer ")) {
        int type = line.lastIndexOf(' ');
        int number = line.indexOf(' ', at);
        if (Integer.parseInt(line.substring(at, number)) != buffers.size()) {
          throw new IllegalArgumentException("buffers are numbered from 0");
        }
        String declared = line.substring(number + 1, type);
        buffers.add(new LoopKernel.Buffer(declared, dtype(line.substring(type + 1))));
      } else if (accept("size ")) {
        sizes.add(line.substring(at));
      } else {
        boolean shared = accept("shared ");
        expect("function ");
        functions.add(function(shared));
      }
    }
    if (next < lines.size()) {
      throw new IllegalArgumentException("text after the kernel's end");
    }
    return new LoopKernel(name, buffers, sizes, functions);
  }

  private Function function(boolean shared) {
    int open = line.lastIndexOf('(');
    int close = line.lastIndexOf(") {");
    String params = line.substring(open + 1, close);
    return new Function(
        line.substring(at, open),
        params.isEmpty() ? List.of() : List.of(params.split(", ", -1)),
        body(),
        shared);
  }

  /// Statements up to the line that ends them, which is then the current one.
  private List<Statement> body() {
    List<Statement> out = new ArrayList<>();
    while (!advance().startsWith("}")) {
      Statement statement = statement();
      if (!(statement instanceof Statement.For
              || statement instanceof Statement.Share
              || statement instanceof Statement.If)
          && at != line.length()) {
        throw new IllegalArgumentException("the statement ends at character " + at);
      }
      out.add(statement);
    }
    return out;
  }

  private Statement statement() {
    if (accept("for ")) {
      String index = word();
      expect(" = ");
      Dim from = dim();
      expect(" to ");
      Dim to = dim();
      expect(" by ");
      Dim step = dim();
      expect(" {");
      return new Statement.For(index, from, to, step, body());
    }
    if (accept("share ")) {
      String from = word();
      expect(" ");
      String to = word();
      expect(" of ");
      Dim count = dim();
      expect(" {");
      return new Statement.Share(from, to, count, body());
    }
    if (accept("int ")) {
      String name = word();
      expect(" = ");
      return new Statement.Int(name, dim());
    }
    if (accept("index ")) {
      String name = word();
      expect(" = ");
      Expr value = expr();
      expect(" below ");
      return new Statement.IntOf(name, value, dim());
    }
    if (accept("let ")) {
      String name = word();
      expect(" ");
      DType dtype = dtype(word());
      boolean vector = accept(" vector");
      expect(" = ");
      return new Statement.Let(name, new LoopKernel.Type(dtype, vector), expr());
    }
    if (accept("store ")) {
      int buffer = Integer.parseInt(word());
      expect(" ");
      Dim place = dim();
      expect(" = ");
      Expr value = expr();
      Optional<Dim> below = accept(" below ") ? Optional.of(dim()) : Optional.empty();
      return new Statement.Store(buffer, place, value, below);
    }
    if (accept("if ")) {
      Expr condition = expr();
      expect(" {");
      List<Statement> then = body();
      return new Statement.If(condition, then, line.equals("} else {") ? body() : List.of());
    }
    if (accept("call ")) {
      String function = line.substring(at, line.indexOf('(', at));
      at += function.length() + 1;
      List<Dim> args = new ArrayList<>();
      while (!accept(")")) {
        if (!args.isEmpty()) {
          expect(", ");
        }
        args.add(dim());
      }
      return new Statement.Call(function, args);
    }
    expect("set ");
    String name = word();
    expect(" = ");
    return new Statement.Assign(name, expr());
  }

  private Expr expr() {
    String name = word();
    if (!accept("(")) {
      return new Expr.Local(name);
    }
    Optional<DType> literal = DType.parse(name);
    if (literal.isPresent()) {
      int close = line.indexOf(')', at);
      String number = line.substring(at, close);
      at = close + 1;
      return new Expr.Constant(literal(literal.get(), number));
    }
    Expr expr =
        switch (name) {
          case "index" -> {
            DType dtype = dtype(word());
            yield new Expr.IndexValue(dtype, nextDim(), more());
          }
          case "load" -> new Expr.Load(Integer.parseInt(word()), nextDim());
          case "vector" -> new Expr.LoadVector(Integer.parseInt(word()), nextDim(), more());
          case "cast" -> {
            DType dtype = dtype(word());
            yield new Expr.Cast(dtype, nextExpr());
          }
          case "bits" -> {
            DType dtype = dtype(word());
            yield new Expr.Bits(dtype, nextExpr());
          }
          case "splat" -> new Expr.Splat(expr());
          case "join" -> new Expr.JoinLanes(reducer(word()), nextExpr());
          case "head" -> new Expr.Head(reducer(word()), nextExpr(), nextDim());
          default -> {
            List<Expr> args = new ArrayList<>(List.of(expr()));
            while (accept(", ")) {
              args.add(expr());
            }
            yield new Expr.Apply(ScalarFn.valueOf(name.toUpperCase(Locale.ROOT)), args);
          }
        };
    expect(")");
    return expr;
  }

  private static Elem.Literal literal(DType dtype, String number) {
    return dtype.isFloat()
        ? new Elem.Literal(dtype, Double.parseDouble(number), 0)
        : (Elem.Literal) Elem.literal(dtype, Long.parseLong(number));
  }

  private Expr nextExpr() {
    expect(", ");
    return expr();
  }

  private Dim nextDim() {
    expect(", ");
    return dim();
  }

  private Optional<Dim> more() {
    return accept(", ") ? Optional.of(dim()) : Optional.empty();
  }

  private Dim dim() {
    expect("{");
    int close = line.indexOf('}', at);
    Dim dim = DimParser.parse(line.substring(at, close));
    at = close + 1;
    return dim;
  }

  /// Goes to the next line and answers it.
  private String advance() {
    line = lines.get(next++);
    at = 0;
    return line;
  }

  private String word() {
    int start = at;
    while (at < line.length() && DimParser.isPart(line.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw new IllegalArgumentException("a name is expected at character " + at);
    }
    return line.substring(start, at);
  }

  private boolean accept(String text) {
    boolean there = line.startsWith(text, at);
    at += there ? text.length() : 0;
    return there;
  }

  private void expect(String text) {
    if (!accept(text)) {
      throw new IllegalArgumentException("`" + text + "` is expected at character " + at);
    }
  }

  private static DType dtype(String text) {
    return DType.parse(text).orElseThrow(() -> new IllegalArgumentException("no type " + text));
  }

  private static Reducer reducer(String text) {
    return Reducer.valueOf(text.toUpperCase(Locale.ROOT));
  }
}
