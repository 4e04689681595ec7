package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import javax.lang.model.element.Modifier;

/// Writes kernels as Java: one class for the kernels of a tier.
///
/// The driver of a kernel becomes a static method of the kernel's name that does one share of the
/// work; see [KernelMethods] for its parameters.
public final class KernelEmitter {
  private static final ClassName VALUE_LAYOUT = ClassName.get(ValueLayout.class);
  private static final ClassName BYTE_ORDER = ClassName.get(ByteOrder.class);
  private static final ClassName SPECIES = ClassName.get("jdk.incubator.vector", "VectorSpecies");
  private static final ClassName SHAPE = ClassName.get("jdk.incubator.vector", "VectorShape");
  private static final ClassName SHUFFLE = ClassName.get("jdk.incubator.vector", "VectorShuffle");

  private KernelEmitter() {}

  /// The class with the kernels for `tier`: constants, kernels in the order given, and the small
  /// methods that they call.
  ///
  /// @param packageName the package
  /// @param className the class's simple name
  public static JavaFile kernelClass(
      String packageName, String className, CpuTier tier, List<LoopKernel> kernels) {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(className).addModifiers(Modifier.FINAL).addJavadoc("$L", title(tier));
    SupportMethods support = new SupportMethods();
    type.addMethod(MethodSpec.constructorBuilder().addModifiers(Modifier.PRIVATE).build());
    for (LoopKernel kernel : kernels) {
      new KernelMethods(kernel, support).all().forEach(type::addMethod);
    }
    support.all().forEach(type::addMethod);
    layouts(type);
    if (tier == CpuTier.SCALAR) {
      type.addField(constant(TypeName.INT, "LANES", CodeBlock.of("1")));
    } else {
      species(type, support);
    }
    return JavaFile.builder(packageName, type.build())
        .skipJavaLangImports(true)
        .indent("  ")
        .build();
  }

  private static String title(CpuTier tier) {
    return switch (tier) {
      case REGISTERS_32 -> "Kernels for machines with 32 vector registers.";
      case REGISTERS_16 -> "Kernels for machines with 16 vector registers.";
      case SCALAR -> "Kernels that do without the Vector API.";
    };
  }

  private static void layouts(TypeSpec.Builder type) {
    type.addField(
        constant(
            ClassName.get(ByteOrder.class), "ORDER", CodeBlock.of("$T.LITTLE_ENDIAN", BYTE_ORDER)));
    layout(type, "F32", ValueLayout.OfFloat.class, "JAVA_FLOAT");
    layout(type, "F64", ValueLayout.OfDouble.class, "JAVA_DOUBLE");
    type.addField(
        constant(
            TypeName.get(ValueLayout.OfByte.class),
            "I8",
            CodeBlock.of("$T.JAVA_BYTE", VALUE_LAYOUT)));
    layout(type, "I16", ValueLayout.OfShort.class, "JAVA_SHORT");
    layout(type, "I32", ValueLayout.OfInt.class, "JAVA_INT");
    layout(type, "I64", ValueLayout.OfLong.class, "JAVA_LONG");
  }

  private static void layout(TypeSpec.Builder type, String name, Class<?> layout, String java) {
    type.addField(
        constant(
            TypeName.get(layout),
            name,
            CodeBlock.of("$T.$L_UNALIGNED.withOrder(ORDER)", VALUE_LAYOUT, java)));
  }

  /// The species of this machine; a system property asks for another, as the tests do.
  private static void species(TypeSpec.Builder type, SupportMethods support) {
    TypeName floats = ParameterizedTypeName.get(SPECIES, ClassName.get(Float.class));
    TypeName ints = ParameterizedTypeName.get(SPECIES, ClassName.get(Integer.class));
    type.addField(
        constant(
            floats,
            "FLOATS",
            CodeBlock.of(
                "$T.forBitSize(Integer.getInteger($S,"
                    + " $T.preferredShape().vectorBitSize())).withLanes(float.class)",
                SHAPE,
                "sinter.vectorBits",
                SHAPE)));
    type.addField(
        constant(ints, "INTS", CodeBlock.of("FLOATS.vectorShape().withLanes(int.class)")));
    type.addField(constant(TypeName.INT, "LANES", CodeBlock.of("FLOATS.length()")));
    for (String kind : List.of("FLOAT", "INT")) {
      if (!support.joinsLanes(kind)) {
        continue;
      }
      ClassName box = ClassName.get(kind.equals("FLOAT") ? Float.class : Integer.class);
      for (int half = 32; half >= 1; half /= 2) {
        type.addField(
            constant(
                ParameterizedTypeName.get(SHUFFLE, box),
                kind + "_SHUFFLE_" + half,
                CodeBlock.of("$T.iota($LS, $L, 1, true)", SHUFFLE, kind, half)));
      }
    }
  }

  private static FieldSpec constant(TypeName type, String name, CodeBlock value) {
    return FieldSpec.builder(type, name, Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer(value)
        .build();
  }
}
