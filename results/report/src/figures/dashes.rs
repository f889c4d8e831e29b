//! Dashed lines, which neither backend knows.

use super::drawing::Point;

/// The strokes of a dashed line along `points`, in order.
pub(super) fn split(points: &[Point], (stroke, gap): (f64, f64)) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, stroke);
    for ends in points.windows(2) {
        let (from, to) = (ends[0], ends[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let part = done / length;
            let turn = (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1));
            if drawing {
                piece.push(turn);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![turn];
            }
            drawing = !drawing;
            left = if drawing { stroke } else { gap };
        }
        left -= length - done;
        if drawing {
            piece.push(to);
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_run_on_around_corners() {
        let pieces = split(&[(0.0, 0.0), (4.0, 0.0), (4.0, 8.0)], (6.0, 2.0));
        assert_eq!(
            pieces,
            [vec![(0.0, 0.0), (4.0, 0.0), (4.0, 2.0)], vec![(4.0, 4.0), (4.0, 8.0)]]
        );
    }

    #[test]
    fn nothing_to_dash() {
        assert!(split(&[], (6.0, 2.0)).is_empty());
        assert!(split(&[(1.0, 1.0)], (6.0, 2.0)).is_empty());
    }
}
