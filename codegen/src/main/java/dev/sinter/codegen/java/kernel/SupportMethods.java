package dev.sinter.codegen.java.kernel;

import static dev.sinter.codegen.java.kernel.JavaTypes.FLOAT_VECTOR;
import static dev.sinter.codegen.java.kernel.JavaTypes.INT_VECTOR;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;

/// The small methods that the kernels of one class call, each written when first asked for: what
/// Java has no operator for, and the expansions of scalar functions.
///
/// They stay far below the 325 bytecodes up to which C2 inlines a hot method, so that no vector
/// ever crosses a real call.
final class SupportMethods {
  private final Map<String, MethodSpec> methods = new TreeMap<>();

  /// The name of the field that [#never()] answers.
  static final String NEVER = "never";

  private final Map<String, Elem.Literal> vectors = new TreeMap<>();
  private boolean wantsNever;

  /// The field that is less than any index and that the JIT does not know.
  String never() {
    wantsNever = true;
    return NEVER;
  }

  /// Whether [#never()] was asked for.
  boolean wantsNever() {
    return wantsNever;
  }

  /// The field of a vector with `literal` in each lane. As an operand it takes C2 a quarter of the
  /// nodes less than a vector that is made where it is needed, and C2 inlines only so many.
  String vector(Elem.Literal literal) {
    String text =
        ScalarCode.literal(literal).block().toString().replace("-", "MINUS_").replace("Float.", "");
    String word = text.replaceAll("f$", "").replaceAll("[^A-Za-z0-9]+", "_");
    String name =
        (literal.dtype() == DType.F32 ? "FLOAT_" : "INT_") + word.toUpperCase(Locale.ROOT);
    vectors.put(name, literal);
    return name;
  }

  /// The vectors that were asked for, by the names of their fields.
  Map<String, Elem.Literal> vectors() {
    return vectors;
  }

  /// All that were asked for, in the order of their names and parameters.
  List<MethodSpec> all() {
    return List.copyOf(methods.values());
  }

  /// Whether a method joins the lanes of vectors of floats (`FLOAT`) or of integers (`INT`).
  boolean joinsLanes(String kind) {
    return methods.keySet().stream()
        .anyMatch(k -> k.contains("Lanes(") && k.endsWith("(float)") == kind.equals("FLOAT"));
  }

  /// Asks for the method with this key and answers its name.
  String method(String key) {
    return methods.computeIfAbsent(key, SupportMethods::write).name();
  }

  private static MethodSpec write(String key) {
    TypeName i = TypeName.INT;
    TypeName l = TypeName.LONG;
    TypeName f = TypeName.FLOAT;
    TypeName d = TypeName.DOUBLE;
    return switch (key) {
      case "Quotient(int)" -> binary("quotient", i, "b == 0 ? 0 : a / b");
      case "Quotient(long)" -> binary("quotient", l, "b == 0 ? 0 : a / b");
      case "unsignedQuotient(int)" ->
          binary("unsignedQuotient", i, "b == 0 ? 0 : Integer.divideUnsigned(a, b)");
      case "unsignedQuotient(long)" ->
          binary("unsignedQuotient", l, "b == 0 ? 0 : Long.divideUnsigned(a, b)");
      case "Modulus(int)" -> binary("modulus", i, "b == 0 ? 0 : Math.floorMod(a, b)");
      case "Modulus(long)" -> binary("modulus", l, "b == 0 ? 0 : Math.floorMod(a, b)");
      case "unsignedModulus(int)" ->
          binary("unsignedModulus", i, "b == 0 ? 0 : Integer.remainderUnsigned(a, b)");
      case "unsignedModulus(long)" ->
          binary("unsignedModulus", l, "b == 0 ? 0 : Long.remainderUnsigned(a, b)");
      case "unsignedMax(int)" ->
          binary("unsignedMax", i, "Integer.compareUnsigned(a, b) > 0 ? a : b");
      case "unsignedMax(long)" ->
          binary("unsignedMax", l, "Long.compareUnsigned(a, b) > 0 ? a : b");
      case "unsignedMin(int)" ->
          binary("unsignedMin", i, "Integer.compareUnsigned(a, b) < 0 ? a : b");
      case "unsignedMin(long)" ->
          binary("unsignedMin", l, "Long.compareUnsigned(a, b) < 0 ? a : b");
      case "power(int)" -> power(i, "int");
      case "power(long)" -> power(l, "long");
      case "unsignedPower(int)" -> unsignedPower(i, "int");
      case "unsignedPower(long)" -> unsignedPower(l, "long");
      case "remainder(float)" -> remainder(f, "float");
      case "remainder(double)" -> remainder(d, "double");
      case "truncate(float)" ->
          unary("truncate", f, f, "(float) (a < 0 ? Math.ceil(a) : Math.floor(a))");
      case "truncate(double)" -> unary("truncate", d, d, "a < 0 ? Math.ceil(a) : Math.floor(a)");
      case "unsignedToDouble" ->
          unary("unsignedToDouble", l, d, "a >= 0 ? a : 2.0 * ((a >>> 1) | (a & 1))");
      case "unsignedToFloat" ->
          unary("unsignedToFloat", l, f, "a >= 0 ? a : 2.0f * ((a >>> 1) | (a & 1))");
      case "doubleToUnsigned" -> doubleToUnsigned();
      case "roundToBfloat16" -> bfloat16("roundToBfloat16", f, "Float.intBitsToFloat(", "<< 16)");
      case "floatToBfloat16" -> bfloat16("floatToBfloat16", TypeName.SHORT, "(short) (", ")");
      case "nibble" -> nibble();
      case "setNibble" -> setNibble();
      case "erf(double)" -> erf();
      case "requireNative" -> requireNative();
      default -> throw new CompilerBug("emit", "no support method " + key);
    };
  }

  private static MethodSpec.Builder open(String name, TypeName result) {
    return MethodSpec.methodBuilder(name)
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(result);
  }

  private static MethodSpec unary(String name, TypeName from, TypeName to, String value) {
    return open(name, to).addParameter(from, "a").addStatement("return $L", value).build();
  }

  private static MethodSpec binary(String name, TypeName type, String value) {
    return open(name, type)
        .addParameter(type, "a")
        .addParameter(type, "b")
        .addStatement("return $L", value)
        .build();
  }

  private static MethodSpec requireNative() {
    return open("requireNative", TypeName.VOID)
        .addJavadoc("Refuses memory of the Java heap.")
        .addParameter(JavaTypes.SEGMENT, "memory")
        .beginControlFlow("if (!memory.isNative())")
        .addStatement("throw new IllegalArgumentException($S)", "memory of the Java heap")
        .endControlFlow()
        .build();
  }

  private static MethodSpec remainder(TypeName type, String name) {
    return open("remainder", type)
        .addJavadoc("The remainder with the sign of the divisor.")
        .addParameter(type, "a")
        .addParameter(type, "b")
        .addStatement("$L r = a % b", name)
        .addStatement("return r != 0 && (r < 0) != (b < 0) ? r + b : r")
        .build();
  }

  private static MethodSpec power(TypeName type, String name) {
    MethodSpec.Builder method = open("power", type);
    method.addJavadoc("The power by squaring; 0 for a negative exponent, but for 1 and -1.");
    CodeBlock negative =
        CodeBlock.builder()
            .beginControlFlow("if (b < 0)")
            .addStatement("return a == 1 ? 1 : a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0")
            .endControlFlow()
            .build();
    return squares(method, negative, type, name);
  }

  private static MethodSpec unsignedPower(TypeName type, String name) {
    MethodSpec.Builder method = open("unsignedPower", type);
    method.addJavadoc("The power by squaring.");
    return squares(method, CodeBlock.of(""), type, name);
  }

  private static MethodSpec squares(
      MethodSpec.Builder method, CodeBlock first, TypeName type, String name) {
    return method
        .addParameter(type, "a")
        .addParameter(type, "b")
        .addCode(first)
        .addStatement("$L power = 1", name)
        .beginControlFlow("for (; b != 0; b >>>= 1)")
        .addStatement("power = (b & 1) == 0 ? power : power * a")
        .addStatement("a *= a")
        .endControlFlow()
        .addStatement("return power")
        .build();
  }

  private static MethodSpec doubleToUnsigned() {
    return open("doubleToUnsigned", TypeName.LONG)
        .addParameter(TypeName.DOUBLE, "a")
        .beginControlFlow("if (!(a >= 0x1p63))")
        .addStatement("return Math.max((long) a, 0L)")
        .endControlFlow()
        .addStatement("return a < 0x1p64 ? (long) (a - 0x1p63) ^ Long.MIN_VALUE : -1L")
        .build();
  }

  private static MethodSpec bfloat16(String name, TypeName result, String open, String close) {
    return open(name, result)
        .addParameter(TypeName.FLOAT, "a")
        .addStatement("int bits = Float.floatToRawIntBits(a)")
        .beginControlFlow("if (Float.isNaN(a))")
        .addStatement("return $L((bits >>> 16) | 0x40)$L", open, close)
        .endControlFlow()
        .addStatement("return $L((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16)$L", open, close)
        .build();
  }

  private static MethodSpec nibble() {
    return open("nibble", TypeName.INT)
        .addParameter(JavaTypes.SEGMENT, "memory")
        .addParameter(TypeName.LONG, "at")
        .addParameter(TypeName.INT, "index")
        .addStatement("return (memory.get(I8, at + (index >> 1)) >> ((index & 1) << 2)) & 0xf")
        .build();
  }

  private static MethodSpec setNibble() {
    return open("setNibble", TypeName.VOID)
        .addParameter(JavaTypes.SEGMENT, "memory")
        .addParameter(TypeName.LONG, "at")
        .addParameter(TypeName.INT, "index")
        .addParameter(TypeName.INT, "value")
        .addStatement("int shift = (index & 1) << 2")
        .addStatement("int other = memory.get(I8, at + (index >> 1)) & (0xf0 >> shift)")
        .addStatement("memory.set(I8, at + (index >> 1), (byte) (other | (value & 0xf) << shift))")
        .build();
  }

  /// A series near 0 and a continued fraction far from it, both to double precision.
  private static MethodSpec erf() {
    return open("erf", TypeName.DOUBLE)
        .addParameter(TypeName.DOUBLE, "a")
        .addStatement("double x = Math.abs(a)")
        .beginControlFlow("if (!(x < 6))")
        .addStatement("return Double.isNaN(a) ? a : Math.signum(a)")
        .endControlFlow()
        .beginControlFlow("if (x < 2.5)")
        .addStatement("double term = a")
        .addStatement("double sum = a")
        .beginControlFlow("for (int n = 1; n < 60; n++)")
        .addStatement("term *= -a * a / n")
        .addStatement("sum += term / (2 * n + 1)")
        .endControlFlow()
        .addStatement("return 2 / Math.sqrt(Math.PI) * sum")
        .endControlFlow()
        .addStatement("double tail = 0")
        .beginControlFlow("for (int n = 80; n > 0; n--)")
        .addStatement("tail = n / 2.0 / (x + tail)")
        .endControlFlow()
        .addStatement(
            "return Math.signum(a)"
                + " * (1 - StrictMath.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail))")
        .build();
  }

  /// The expansion of `fn` as a method of scalars or of vectors.
  String expansion(ScalarFn fn, boolean vector) {
    String key = fn + (vector ? "(vector)" : "(scalar)");
    if (!methods.containsKey(key)) {
      methods.put(key, expansion(ScalarExpansion.of(fn).orElseThrow(), vector));
    }
    return fn.toString();
  }

  private MethodSpec expansion(ScalarExpansion expansion, boolean vector) {
    LoopKernel.Type type = new LoopKernel.Type(expansion.dtype(), vector);
    MethodSpec.Builder method = open(expansion.fn().toString(), JavaTypes.of(type));
    Map<String, LoopKernel.Type> locals = new HashMap<>();
    for (String param : expansion.params()) {
      locals.put(param, type);
      method.addParameter(JavaTypes.of(type), param);
    }
    ExprCode code =
        new ExprCode(this, List.of(), Places.none(), new IndexCode(n -> n), locals, vector);
    for (Statement.Let step : expansion.steps()) {
      LoopKernel.Type stepType = new LoopKernel.Type(step.type().dtype(), vector);
      method.addStatement(
          "$T $L = $L", JavaTypes.of(stepType), step.name(), code.of(step.value()).block());
      locals.put(step.name(), stepType);
    }
    return method.addStatement("return $L", code.of(expansion.result()).block()).build();
  }

  /// The method that joins the lanes of a vector: halves, then quarters, down to one.
  String lanes(Reducer reducer, DType dtype) {
    String name = reducer.toString().toLowerCase(Locale.ROOT) + "Lanes";
    boolean real = dtype == DType.F32;
    methods.computeIfAbsent(
        name + (dtype == DType.U32 ? "(u32)" : real ? "(float)" : "(int)"),
        k -> lanes(name, reducer, dtype));
    return name;
  }

  private MethodSpec lanes(String name, Reducer reducer, DType dtype) {
    boolean real = dtype == DType.F32;
    MethodSpec.Builder method = open(name, real ? TypeName.FLOAT : TypeName.INT);
    method.addParameter(real ? FLOAT_VECTOR : INT_VECTOR, "v");
    ScalarFn fn = reducer.join();
    for (int half = LoopKernel.MOST_LANES / 2; half >= 1; half /= 2) {
      Code other = Code.primary("v.rearrange($L_SHUFFLE_$L)", real ? "FLOAT" : "INT", half);
      CodeBlock joined =
          new VectorCode(this)
              .apply(fn, List.of(Code.primary("v"), other), dtype, Optional.empty())
              .block();
      method.beginControlFlow("if (LANES > $L)", half);
      method.addStatement("v = $L", joined);
      method.endControlFlow();
    }
    return method.addStatement("return v.lane(0)").build();
  }
}
