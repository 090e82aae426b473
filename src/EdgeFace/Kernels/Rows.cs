namespace EdgeFace.Kernels;

readonly struct R1 : IRows { public static int Value => 1; }
readonly struct R2 : IRows { public static int Value => 2; }
readonly struct R3 : IRows { public static int Value => 3; }
readonly struct R4 : IRows { public static int Value => 4; }
readonly struct R5 : IRows { public static int Value => 5; }
readonly struct R6 : IRows { public static int Value => 6; }
readonly struct R7 : IRows { public static int Value => 7; }
readonly struct R8 : IRows { public static int Value => 8; }
readonly struct R9 : IRows { public static int Value => 9; }
readonly struct R10 : IRows { public static int Value => 10; }
readonly struct R11 : IRows { public static int Value => 11; }
readonly struct R12 : IRows { public static int Value => 12; }
