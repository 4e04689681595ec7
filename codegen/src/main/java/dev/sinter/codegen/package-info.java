/// Emitters of Java and PTX, and the packer of JARs.
package dev.sinter.codegen;
