"""The practice's own records: its leads, what joins them to studies, X-rays, appointments, and whom it hears from."""
