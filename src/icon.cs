#!/usr/bin/env -S dotnet run
#:project EdgeFace.Vision
// Draws the packages' icon: dotnet run src/icon.cs src/icon.png
using EdgeFace.Vision;

const int Side = 128, Fine = 4;
var pixels = new byte[Side * Side * 3];
for (var y = 0; y < Side; y++)
    for (var x = 0; x < Side; x++)
    {
        var sums = (R: 0, G: 0, B: 0);
        for (var i = 0; i < Fine * Fine; i++)
        {
            var (r, g, b) = Colour((x + (i % Fine + 0.5) / Fine) / Side, (y + (i / Fine + 0.5) / Fine) / Side);
            sums = (sums.R + r, sums.G + g, sums.B + b);
        }
        var at = (y * Side + x) * 3;
        (pixels[at], pixels[at + 1], pixels[at + 2]) = (Mean(sums.R), Mean(sums.G), Mean(sums.B));
    }
ImageCodec.SavePng(new(Side, Side, pixels), args[0]);

static byte Mean(int sum) => (byte)(sum / (Fine * Fine));

// A face inside the four corners of a box; x and y from 0 to 1.
static (int R, int G, int B) Colour(double x, double y)
{
    (int, int, int) ground = (24, 48, 72), face = (240, 196, 120), mark = (24, 48, 72), box = (64, 200, 176);
    var (h, v) = (Math.Abs(x - 0.5), Math.Abs(y - 0.5));
    if (Within(x, y, 0.37, 0.43, 0.045) || Within(x, y, 0.63, 0.43, 0.045)) return mark;
    if (y > 0.62 && Within(x, y, 0.5, 0.53, 0.18) && !Within(x, y, 0.5, 0.53, 0.14)) return mark;
    if (h * h / (0.28 * 0.28) + v * v / (0.33 * 0.33) < 1) return face;
    var (outer, inner) = (Math.Max(h, v), Math.Min(h, v));
    return outer is > 0.40 and < 0.44 && inner > 0.24 ? box : ground;

    static bool Within(double x, double y, double centreX, double centreY, double radius)
        => (x - centreX) * (x - centreX) + (y - centreY) * (y - centreY) < radius * radius;
}
